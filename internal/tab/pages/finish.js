(async () => {
  const { sealed, next } = document.body.dataset;
  const said = document.querySelector("#said");
  const ask = document.querySelector("#ask");
  let secret = null;
  let ticket = "";
  try {
    secret = sessionStorage.getItem("websso");
    ticket = sessionStorage.getItem("websso-ticket") ?? "";
  } catch {
    // Storage is blocked, so the form is shown.
  }
  if (!secret) return;
  ask.hidden = true;
  said.hidden = false;
  const show = ({ ok, title, facts = [], text }) => {
    document.body.dataset.ok = ok;
    document.title = title;
    said.querySelector("h1").textContent = title;
    said.querySelector("dl").replaceChildren(...facts.flatMap(({ name, value }) => [["dt", name], ["dd", value]]).map(([tag, content]) => {
      const element = document.createElement(tag);
      element.textContent = content;
      return element;
    }));
    said.querySelector("p").textContent = text;
  };
  const confirm = () => fetch("/auth/websso/confirm", { method: "POST", body: new URLSearchParams({ secret, sealed, ticket }) });
  try {
    // One connection may break. If the token was accepted all the same, the answer now is
    // that the sign-in is over.
    const answer = await confirm().catch(confirm);
    const outcome = await answer.json();
    switch (answer.status) {
      case 202: // once more to Keystone, which knows the user by now
        sessionStorage.setItem("websso-ticket", outcome.ticket);
        location.replace(next);
        return;
      case 403:
        ask.querySelector("p").textContent = outcome.text;
        said.hidden = true;
        ask.hidden = false;
        return;
    }
    sessionStorage.removeItem("websso");
    sessionStorage.removeItem("websso-ticket");
    show(outcome);
  } catch {
    show({ ok: false, title: "The program is no longer waiting", text: "The program that asked you to sign in has ended or stopped waiting. Start again from there." });
  }
})();
