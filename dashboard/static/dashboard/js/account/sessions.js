// Browsers that are logged in.
import { call } from "../lib/api.js";
import { ask } from "../lib/ask.js";
import { shown, watchRows } from "./section.js";

const LIST = "session-list";

export function startSessions() {
  const section = document.getElementById("sessions");
  watchRows(section, {
    revoke: async (row, button) => {
      const sure = await ask({
        title: "End this login?",
        text: `${button.dataset.name} is logged out at once and has to sign again.`,
        yes: "End it",
      });
      if (!sure) return;
      await call("DELETE", `/api/auth/sessions/${row.dataset.session}/`);
      await shown(section, LIST, "The login is over.");
    },
    "revoke-others": async () => {
      const sure = await ask({
        title: "End all other logins?",
        text: "Every browser but this one is logged out at once.",
        yes: "End them",
      });
      if (!sure) return;
      await call("POST", "/api/auth/sessions/revoke-others/");
      await shown(section, LIST, "All other logins are over.");
    },
  });
}
