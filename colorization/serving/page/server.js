// What the page asks of the server; the same addresses are there for every program.

const PATIENCE = 60; // seconds that a busy server is waited for
const AGAIN = 5; // seconds until it is asked again, where it does not say it

let told = () => {}, waiting = 0;

// listener: called with whether something waits for a busy server, whenever that changes.
export function onBusy(listener) {
  told = listener;
}

export async function models() {
  return (await ask("models")).json();
}

// A file of the page's own.
export async function file(address) {
  return (await ask(address)).blob();
}

// A picture as a browser can show it, and what the server says of it:
// {blob, width, height, format, ending, grey, notes}.
export async function preview(file, side) {
  const answer = await ask(`preview?side=${side}`, { method: "POST", body: form(file) });
  return { ...JSON.parse(answer.headers.get("X-Picture")), blob: await answer.blob() };
}

export async function colorize(file, asked, signal) {
  return (await ask(`colorize?${asked.query}`, { method: "POST", body: form(file, asked.reference), signal })).blob();
}

// A short film in colour.
export async function film(file, asked) {
  return (await ask(`film?${asked.query}`, { method: "POST", body: form(file, asked.reference) })).blob();
}

// [{colour, chance}], likeliest first.
export async function likely(file, asked, x, y, signal) {
  const address = `likely?x=${x}&y=${y}&${asked.query}`;
  const answer = await ask(address, { method: "POST", body: form(file, asked.reference), signal });
  return (await answer.json()).colours;
}

function form(file, reference) {
  const form = new FormData();
  form.append("picture", file, file.name ?? "picture.jpg");
  if (reference) form.append("reference", reference, "reference.jpg");
  return form;
}

// What an address answers; a busy server is asked again. An Error that it throws is `temporary` where the same may
// succeed later.
async function ask(address, options) {
  let waited = 0;
  for (;;) {
    const answer = await askOnce(address, options);
    if (answer.status !== 503) return answer;
    if (waited >= PATIENCE) throw temporary(`the server has been busy for ${PATIENCE} s; try again later`);
    const seconds = Number(answer.headers.get("Retry-After")) || AGAIN;
    waited += seconds;
    told((waiting += 1) > 0);
    await pause(seconds, options?.signal).finally(() => told((waiting -= 1) > 0));
  }
}

// The answer, if it is good or says that the server is busy.
async function askOnce(address, options) {
  const answer = await fetch(address, options).catch((error) => {
    if (error.name === "AbortError") throw error;
    throw temporary("the server does not answer; see whether it still runs");
  });
  if (answer.ok || answer.status === 503) return answer;
  const { error } = await answer.json().catch(() => ({ error: `the server answered ${answer.status}` }));
  throw new Error(error);
}

// Wait; what is no longer wanted need not.
function pause(seconds, signal) {
  return new Promise((done, stop) => {
    const end = setTimeout(done, 1000 * seconds);
    signal?.addEventListener("abort", () => { clearTimeout(end); stop(signal.reason); }, { once: true });
  });
}

const temporary = (message) => Object.assign(new Error(message), { temporary: true });
