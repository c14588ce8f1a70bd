// Solves the proof of work of a form, then lets it be sent. Nothing leaves the browser but the form itself.
//
// The form holds:
//   <div data-challenge="{JSON of new_challenge()}" data-challenge-url="/address/of/a/new/one/">
//     <input type="hidden" name="challenge">
//     <p role="status" data-challenge-status></p>
//     <p data-challenge-missing>what to do without JavaScript; hidden as soon as this runs</p>
//   </div>
// One of the two attributes is enough; with the address, a challenge that ended is replaced by itself. Buttons that
// may be used before it is solved (Back, Save the draft) carry data-challenge-free. The work is done by the browser's
// own PBKDF2, outside this thread. Without it (plain http on a local network) it is done here, in short slices.
"use strict";

(() => {
  const ALGORITHM = "PBKDF2/SHA-256";
  const SLICE = 12; // milliseconds of work before the page has its turn
  const MAX_ATTEMPTS = 20000;
  const RENEW_BEFORE = 60; // seconds before the end
  const RENEW_AFTER = 60; // at the earliest, in seconds: the clock of the computer may be wrong
  const MAX_TIMER = 2 ** 31 - 1;

  const fromHex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
  const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const pause = () => new Promise((resolve) => setTimeout(resolve, 0));

  // --- SHA-256 and PBKDF2, for browsers that keep crypto.subtle to safe connections ---
  const makeSlow = () => {
    const constants = new Int32Array(64);
    const start = new Int32Array(8);
    let found = 0;
    for (let number = 2; found < 64; number += 1) {
      let isPrime = true;
      for (let factor = 2; factor * factor <= number; factor += 1) if (number % factor === 0) isPrime = false;
      if (!isPrime) continue;
      const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
      if (found < 8) start[found] = fraction(Math.sqrt(number));
      constants[found] = fraction(Math.cbrt(number));
      found += 1;
    }
    const schedule = new Int32Array(64);

    // One block of 16 words into the state.
    const compress = (state, block, at = 0) => {
      for (let i = 0; i < 16; i += 1) schedule[i] = block[at + i];
      for (let i = 16; i < 64; i += 1) {
        const x = schedule[i - 15];
        const y = schedule[i - 2];
        const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        schedule[i] = (schedule[i - 16] + s0 + schedule[i - 7] + s1) | 0;
      }
      let a = state[0];
      let b = state[1];
      let c = state[2];
      let d = state[3];
      let e = state[4];
      let f = state[5];
      let g = state[6];
      let h = state[7];
      for (let i = 0; i < 64; i += 1) {
        const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const t1 = (h + s1 + ((e & f) ^ (~e & g)) + constants[i] + schedule[i]) | 0;
        const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g;
        g = f;
        f = e;
        e = (d + t1) | 0;
        d = c;
        c = b;
        b = a;
        a = (t1 + t2) | 0;
      }
      state[0] += a;
      state[1] += b;
      state[2] += c;
      state[3] += d;
      state[4] += e;
      state[5] += f;
      state[6] += g;
      state[7] += h;
    };

    // Bytes as words, with the end that SHA-256 wants; `before` counts bytes hashed already.
    const padded = (bytes, before) => {
      const words = new Int32Array(Math.ceil((bytes.length + 9) / 64) * 16);
      bytes.forEach((byte, i) => {
        words[i >> 2] |= byte << (24 - 8 * (i & 3));
      });
      words[bytes.length >> 2] |= 0x80 << (24 - 8 * (bytes.length & 3));
      words[words.length - 1] = (bytes.length + before) * 8;
      return words;
    };

    // PBKDF2 with HMAC-SHA-256; passwords of up to 64 bytes, 32 bytes of result.
    return (password, salt, rounds) => {
      const key = (mask) => {
        const bytes = new Uint8Array(64).fill(mask);
        password.forEach((byte, i) => {
          bytes[i] = byte ^ mask;
        });
        const state = start.slice();
        compress(state, padded(bytes, 0).subarray(0, 16));
        return state;
      };
      const inner = key(0x36);
      const outer = key(0x5c);
      const block = new Int32Array(16);
      const state = new Int32Array(8);
      const finish = () => {
        // state holds the inner hash: hash it once more with the outer key
        block.set(state);
        block[8] = 0x80000000 | 0;
        block.fill(0, 9, 15);
        block[15] = 96 * 8;
        state.set(outer);
        compress(state, block);
      };
      const first = padded(Uint8Array.from([...salt, 0, 0, 0, 1]), 64);
      state.set(inner);
      for (let at = 0; at < first.length; at += 16) compress(state, first, at);
      finish();
      const result = state.slice();
      for (let round = 1; round < rounds; round += 1) {
        block.set(state);
        block[8] = 0x80000000 | 0;
        block.fill(0, 9, 15);
        block[15] = 96 * 8;
        state.set(inner);
        compress(state, block);
        finish();
        for (let i = 0; i < 8; i += 1) result[i] ^= state[i];
      }
      const bytes = new Uint8Array(32);
      result.forEach((word, i) => bytes.set([word >>> 24, word >>> 16, word >>> 8, word], 4 * i));
      return bytes;
    };
  };

  const makeDerive = (rounds, salt) => {
    const subtle = window.crypto && window.crypto.subtle;
    if (!subtle) {
      const slow = makeSlow();
      let since = performance.now();
      return async (password) => {
        if (performance.now() - since > SLICE) {
          await pause();
          since = performance.now();
        }
        return slow(password, salt, rounds);
      };
    }
    return async (password) => {
      const key = await subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
      const parameters = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
      return new Uint8Array(await subtle.deriveBits(parameters, key, 256));
    };
  };

  const solve = async (challenge, isWanted) => {
    const { algorithm, cost, keyLength, keyPrefix, nonce, salt } = challenge.parameters;
    if (algorithm !== ALGORITHM || keyLength !== 32) throw new Error("unknown kind of challenge");
    const derive = makeDerive(cost, fromHex(salt));
    const head = fromHex(nonce);
    const password = new Uint8Array(head.length + 4);
    password.set(head);
    const end = new DataView(password.buffer);
    for (let counter = 0; counter < MAX_ATTEMPTS; counter += 1) {
      if (!isWanted()) return null;
      end.setUint32(head.length, counter);
      const derivedKey = toHex(await derive(password));
      if (derivedKey.startsWith(keyPrefix)) return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
    }
    throw new Error("no solution");
  };

  const attach = (box) => {
    const form = box.closest("form");
    const field = box.querySelector("input[type=hidden]");
    const status = box.querySelector("[data-challenge-status]");
    const buttons = [...form.querySelectorAll("button:not([type=button], [data-challenge-free]), input[type=submit]")];
    const address = box.dataset.challengeUrl;
    let turn = 0;
    let timer = 0;

    const say = (state, text) => {
      box.dataset.challengeState = state;
      status.textContent = text;
    };
    const setSendable = (isSendable) => {
      for (const button of buttons) button.disabled = !isSendable;
    };

    const fetchOne = async () => {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
      return answer.json();
    };

    // While a new challenge takes the place of one that is still good, the form can be sent with the old one.
    const run = async (given, isQuiet) => {
      turn += 1;
      const mine = turn;
      clearTimeout(timer);
      if (!isQuiet) {
        field.value = "";
        setSendable(false);
        say("working", "Checking that this is a browser and no robot. This takes a few seconds.");
      }
      try {
        const challenge = given || (await fetchOne());
        const solution = await solve(challenge, () => mine === turn);
        if (mine !== turn) return;
        field.value = solution;
        setSendable(true);
        say("solved", "The check is done. You can send the form.");
        const left = challenge.parameters.expiresAt - Date.now() / 1000 - RENEW_BEFORE;
        timer = setTimeout(() => renew(true), Math.min(Math.max(left, RENEW_AFTER) * 1000, MAX_TIMER));
      } catch (error) {
        if (mine !== turn) return;
        console.warn("challenge:", error);
        say("failed", "The check did not work. Reload the page and try again; what you typed may be lost, so copy it first.");
      }
    };

    const renew = (isQuiet) => {
      if (address) run(null, isQuiet);
      else say("ended", "The check has ended because the page was open for long. Copy what you typed and reload the page.");
    };

    // Coming back by the browser's Back button, the challenge may be spent.
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) renew(false);
    });
    for (const hint of box.querySelectorAll("[data-challenge-missing]")) hint.hidden = true;
    run(box.dataset.challenge ? JSON.parse(box.dataset.challenge) : null, false);
  };

  for (const box of document.querySelectorAll("[data-challenge], [data-challenge-url]")) attach(box);
})();
