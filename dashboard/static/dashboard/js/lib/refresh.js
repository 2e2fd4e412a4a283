// Parts of a page as the server shows them now: it alone knows how a row looks, and escapes what is in it.
import { Away, Refusal } from "./api.js";
import { tellTimes } from "./times.js";

/** Replaces the element with this id by the one of a fresh copy of this page. Throws `Away` and `Refusal`. */
export async function refresh(id) {
  const fresh = (await freshPage()).getElementById(id);
  tellTimes(fresh);
  document.getElementById(id).replaceWith(document.adoptNode(fresh));
}

async function freshPage() {
  let response;
  try {
    // A redirect is one to the login.
    response = await fetch(location.pathname, { credentials: "same-origin", redirect: "manual", cache: "no-store" });
    if (response.ok) return new DOMParser().parseFromString(await response.text(), "text/html");
  } catch (error) {
    throw new Away("the server does not answer", { cause: error });
  }
  const status = response.type === "opaqueredirect" ? 401 : response.status;
  throw new Refusal({ status, code: "page", message: "the page cannot be read again", fields: {}, waitSeconds: 0 });
}
