(async () => {
  const { next } = document.body.dataset;
  const key = location.pathname.split("/").pop();
  const say = (title, text) => {
    document.body.dataset.ok = "false";
    document.querySelector("h1").textContent = title;
    document.querySelector("#text").textContent = text;
  };
  let secret;
  try {
    // A tab with an opener shares its storage with whoever opened it.
    if (window.opener) throw new Error("opened by another page");
    secret = sessionStorage.getItem("websso");
    if (!secret?.startsWith(key + ".")) {
      const bytes = crypto.getRandomValues(new Uint8Array(32));
      secret = key + "." + btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
      sessionStorage.setItem("websso", secret);
    }
  } catch {
    location.replace(next); // the code from the terminal will do instead
    return;
  }
  try {
    for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
  } catch {
    // No service workers here, then.
  }
  let answer;
  try {
    answer = await fetch(location.pathname, { method: "POST", body: new URLSearchParams({ secret }) });
  } catch {
    answer = { status: 0 };
  }
  switch (answer.status) {
    case 204:
      location.replace(next);
      break;
    case 409:
      say("This address was used before", "Another tab began this sign-in. Finish it there. If that was not you, stop the program that asked you to sign in, and start again.");
      break;
    default:
      say("Nobody is waiting any more", "The program that asked you to sign in has ended or given up. Start again from there.");
  }
})();
