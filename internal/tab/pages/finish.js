(async () => {
  const { sealed } = document.body.dataset;
  const said = document.querySelector("#said");
  const ask = document.querySelector("#ask");
  let secret = null;
  try {
    // A tab with an opener may have been given a copy of our storage.
    if (!window.opener) secret = sessionStorage.getItem("websso");
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
  const confirm = () => fetch("/auth/websso/confirm", { method: "POST", body: new URLSearchParams({ secret, sealed }) });
  try {
    // One connection may break. If the token was accepted all the same, the answer now is
    // that the sign-in is over.
    const answer = await confirm().catch(confirm);
    const outcome = await answer.json();
    if (answer.status === 403) {
      said.hidden = true;
      ask.hidden = false;
      return;
    }
    try {
      sessionStorage.removeItem("websso");
    } catch {
      // It is used up in any case.
    }
    show(outcome);
  } catch {
    show({ ok: false, title: "The program is no longer waiting", text: "The program that asked you to sign in has ended or stopped waiting. Start again from there." });
  }
})();
