// Put into a page before its own scripts: wallets as extensions are, whose answers come from the test's process.
(wallets) => {
  const releases = new Map();
  const providers = new Map();

  function providerOf(key) {
    const listeners = new Map();
    return {
      async request({ method, params = [] }) {
        const answer = await window.askTestWallet(key, method, params);
        if (answer.held !== undefined) await new Promise((release) => releases.set(answer.held, release));
        if (answer.error !== undefined) throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
        return answer.result;
      },
      on(name, listener) {
        listeners.set(name, [...(listeners.get(name) ?? []), listener]);
      },
      removeListener(name, listener) {
        listeners.set(name, (listeners.get(name) ?? []).filter((known) => known !== listener));
      },
      emit(name, data) {
        for (const listener of listeners.get(name) ?? []) listener(data);
      },
    };
  }

  for (const { key, info, announced } of wallets) {
    const provider = providerOf(key);
    providers.set(key, provider);
    if (!announced) {
      window.ethereum = provider;
      continue;
    }
    const detail = Object.freeze({ info: Object.freeze(info), provider });
    const announce = () => window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
    window.addEventListener("eip6963:requestProvider", announce);
    announce();
  }

  window.testWallets = {
    emit: (key, name, data) => providers.get(key).emit(name, data),
    release: (held) => releases.get(held)?.(),
  };
  document.addEventListener("securitypolicyviolation", (event) => {
    window.tellViolation(`${event.violatedDirective} ${event.blockedURI}`);
  });
};
