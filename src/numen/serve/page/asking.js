// Questions to the service: with a key where it takes one, and again after a while where it says so.

const KEY = "numen-key";
const TRIES = 5;

export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

// The value that the service answers with.
export const ask = async (path, body, signal) => (await answer(path, body, signal)).json();

// The values of an answer that is JSON lines.
export async function askLines(path) {
  const text = await (await answer(path)).text();
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

async function answer(path, body, signal) {
  for (let attempt = 1; ; attempt += 1) {
    const headers = {};
    const key = sessionStorage.getItem(KEY);
    if (key) headers.Authorization = `Bearer ${key}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(new URL(path, document.baseURI), {
        method: body === undefined ? "GET" : "POST",
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal,
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Refused(0, "unreachable", "The service does not answer. Is it running?");
    }
    if (response.ok) return response;
    const error = (await response.json().catch(() => ({}))).error ?? {};
    if (response.status === 401) {
      sessionStorage.removeItem(KEY);
      await askForKey();
      continue;
    }
    const again = Number(response.headers.get("Retry-After"));
    if (response.status === 503 && again && attempt < TRIES) {
      await pause(again * 1000 * (0.5 + Math.random()), signal);
      continue;
    }
    throw new Refused(response.status, error.code ?? "", error.message ?? `The service answered ${response.status}.`);
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("stopped", "AbortError"));
    });
  });
}

let asking = null;

function askForKey() {
  const dialog = document.getElementById("ask");
  asking ??= new Promise((resolve) => {
    dialog.showModal();
    dialog.addEventListener(
      "close",
      () => {
        const field = document.getElementById("key");
        sessionStorage.setItem(KEY, field.value.trim());
        field.value = "";
        asking = null;
        resolve();
      },
      { once: true },
    );
  });
  return asking;
}
