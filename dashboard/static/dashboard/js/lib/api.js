// Requests to our own API: the CSRF token in, the one error shape out.

/** The server refused: `code` is for programs, `message` for people, `fields` has messages by part of the request. */
export class Refusal extends Error {
  constructor({ status, code, message, fields, waitSeconds }) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.waitSeconds = waitSeconds;
  }
}

/** No answer came, or one that is not ours. */
export class Away extends Error {}

/**
 * The parsed answer of the API, null where it has no body. Throws `Refusal`, `Away`, and what `signal` was aborted with.
 * `key` is the request's own name (Idempotency-Key): sent again with it, it does nothing again.
 */
export async function call(method, path, body, { signal, key } = {}) {
  const headers = { Accept: "application/json" };
  if (key !== undefined) headers["Idempotency-Key"] = key;
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      redirect: "error",
      cache: "no-store",
      signal,
    });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new Away("the server does not answer", { cause: error });
  }
  if (response.ok) return response.status === 204 ? null : parsed(response);
  throw await refusalOf(response);
}

async function parsed(response) {
  try {
    return await response.json();
  } catch (error) {
    throw new Away("the answer was cut off", { cause: error });
  }
}

async function refusalOf(response) {
  const told = (await response.json().catch(() => null))?.error;
  const wait = Number(response.headers.get("Retry-After"));
  return new Refusal({
    status: response.status,
    code: told?.code ?? "unknown",
    message: told?.message ?? `the server answered with ${response.status}`,
    fields: told?.fields ?? {},
    waitSeconds: Number.isFinite(wait) ? wait : 0,
  });
}

/** The cookie is read each time: logging in and out changes it, in other tabs too. */
function csrfToken() {
  const start = `${document.documentElement.dataset.csrfCookie}=`;
  const found = document.cookie.split("; ").find((part) => part.startsWith(start));
  return found === undefined ? "" : decodeURIComponent(found.slice(start.length));
}
