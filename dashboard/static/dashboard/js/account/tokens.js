// API tokens: a secret is shown once, and is nowhere on the page afterwards.
import { call } from "../lib/api.js";
import { ask } from "../lib/ask.js";
import { shown, watchForm, watchRows } from "./section.js";

const LISTS = "token-lists";

export function startTokens() {
  const section = document.getElementById("tokens");
  const secret = document.getElementById("secret");
  const form = document.getElementById("make-token");
  watchRows(section, {
    revoke: async (row, button) => {
      const sure = await ask({
        title: "Revoke this token?",
        text: `Whatever uses “${button.dataset.name}” is refused from now on. That cannot be taken back.`,
        yes: "Revoke",
      });
      if (!sure) return;
      await call("DELETE", `/api/tokens/${row.dataset.token}/`);
      await shown(section, LISTS, "The token is revoked.");
    },
  });
  watchForm(form, async (values) => {
    const made = await call("POST", "/api/tokens/", wanted(values));
    form.reset();
    reveal(secret, made.secret);
    await shown(section, LISTS, "The token is made. Copy it now.");
  });
  secret.querySelector("[data-secret-done]").addEventListener("click", () => {
    hide(secret);
    section.querySelector("h2").focus();
  });
}

function wanted(values) {
  const days = values.get("days");
  return { name: values.get("name").trim(), scopes: values.getAll("scopes"), days: days === "" ? null : Number(days) };
}

function reveal(box, secret) {
  box.querySelector("#secret-text").textContent = secret;
  box.hidden = false;
  box.focus();
  box.scrollIntoView({ block: "nearest" });
}

function hide(box) {
  box.querySelector("#secret-text").textContent = "";
  box.hidden = true;
}
