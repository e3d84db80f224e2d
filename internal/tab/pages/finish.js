(async () => {
  const { sealed } = document.body.dataset;
  const said = document.querySelector("#said");
  const ask = document.querySelector("#ask");
  let secret = null;
  try {
    // A tab with an opener may have been given a copy of our storage.
    if (!window.opener) secret = sessionStorage.getItem("websso");
  } catch {
    // Storage is blocked: the form it is.
  }
  if (!secret) return;
  ask.hidden = true;
  said.hidden = false;
  const show = ({ ok, title, text }) => {
    document.body.dataset.ok = ok;
    document.title = title;
    said.querySelector("h1").textContent = title;
    said.querySelector("p").textContent = text;
  };
  try {
    const answer = await fetch("/auth/websso/confirm", { method: "POST", body: new URLSearchParams({ secret, sealed }) });
    const outcome = await answer.json();
    if (answer.status === 403) {
      said.hidden = true;
      ask.hidden = false;
      return;
    }
    try {
      sessionStorage.removeItem("websso");
    } catch {
      // It is spent in any case.
    }
    show(outcome);
  } catch {
    show({ ok: false, title: "Nobody is waiting any more", text: "The program that asked you to sign in has ended or given up. Start again from there." });
  }
})();
