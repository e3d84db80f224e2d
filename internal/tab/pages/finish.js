(async () => {
  const { sealed, next } = document.body.dataset;
  const find = (selector) => document.querySelector(selector);
  const only = (id) => {
    for (const part of ["said", "choose", "ask"]) find("#" + part).hidden = part !== id;
  };
  let secret = null;
  let ticket = "";
  try {
    secret = sessionStorage.getItem("websso");
    ticket = sessionStorage.getItem("websso-ticket") ?? "";
  } catch {
    // Storage is blocked, so the form is shown.
  }
  if (!secret) return;
  const show = ({ ok, title, facts = [], text }) => {
    history.replaceState(null, "", location.href); // a reload posts nothing again
    document.body.dataset.ok = ok;
    document.title = title;
    find("#said h1").textContent = title;
    find("#said dl").replaceChildren(...facts.map(({ name, value }) => {
      const fact = document.createElement("div");
      fact.append(document.createElement("dt"), document.createElement("dd"));
      fact.firstChild.textContent = name;
      fact.lastChild.textContent = value;
      return fact;
    }));
    find("#said p").textContent = text;
  };
  // The browser is signed in as somebody, and the user wants to be somebody else.
  const choose = ({ user, signOut, again, address }) => {
    for (const who of document.querySelectorAll(".who")) who.textContent = user;
    document.title = find("#choose h1").textContent;
    find("#sign-out").href = signOut;
    find("#again").href = again;
    find("#can-switch").hidden = !signOut;
    find("#cannot-switch").hidden = !!signOut;
    find("#cannot-switch code").textContent = address;
    find("#keep").onclick = () => confirm({ keep: 1 });
    only("choose");
  };
  const confirm = async (more) => {
    only("said");
    const send = () => fetch("/auth/websso/confirm", { method: "POST", body: new URLSearchParams({ secret, sealed, ticket, ...more }) });
    try {
      // One connection may break. If the token was accepted all the same, the answer now
      // is that the sign-in is over.
      const answer = await send().catch(send);
      const said = await answer.json();
      switch (answer.status) {
        case 202:
          if (said.user) return choose(said);
          // Once more to Keystone, which knows the user by now.
          sessionStorage.setItem("websso-ticket", said.ticket);
          location.replace(next);
          return;
        case 403:
          find("#ask p").textContent = said.text;
          only("ask");
          return;
      }
      sessionStorage.removeItem("websso");
      sessionStorage.removeItem("websso-ticket");
      show(said);
    } catch {
      show({ ok: false, title: "The program is no longer waiting", text: "The program that asked you to sign in has ended or stopped waiting. Start again from there." });
    }
  };
  if (!ticket) {
    // Chromium finishes what a popup began in this tab just before this page cut it off. That
    // must not come between the ticket and Keystone, and takes about as long as this page did.
    only("said");
    await new Promise((done) => setTimeout(done, Math.min(200 + 2 * performance.now(), 3000)));
  }
  confirm({});
})();
