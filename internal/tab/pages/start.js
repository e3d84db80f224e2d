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
    secret = sessionStorage.getItem("websso");
    if (!secret?.startsWith(key + ".")) {
      const bytes = crypto.getRandomValues(new Uint8Array(32));
      secret = key + "." + btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
      sessionStorage.setItem("websso", secret);
    }
    sessionStorage.removeItem("websso-ticket");
  } catch {
    location.replace(next); // the code from the terminal takes its place
    return;
  }
  try {
    for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
  } catch {
    // There are no service workers here.
  }
  const register = () => fetch(location.pathname, { method: "POST", body: new URLSearchParams({ secret }) });
  let answer;
  try {
    // One connection may break, and the same secret again changes nothing.
    answer = await register().catch(register);
  } catch {
    answer = { status: 0 };
  }
  switch (answer.status) {
    case 204:
      location.replace(next);
      break;
    case 409:
      sessionStorage.removeItem("websso");
      say("Another tab began this sign-in", "Finish it there. If you closed that tab, sign in here: your terminal will show a code to enter at the end. If you did not open this address before, stop the program that asked you to sign in.");
      document.querySelector("#here").hidden = false;
      break;
    default:
      say("The program is no longer waiting", "The program that asked you to sign in has ended or stopped waiting. Start again from there.");
  }
})();
