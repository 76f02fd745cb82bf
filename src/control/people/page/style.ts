// How the logon's page looks: light and dark by the system's setting, from 320 px on. No picture, no font from elsewhere.

export const LOGIN_STYLE = `:root {
  --ink: #1b2430; --soft: #56616f; --paper: #f5f6f8; --card: #ffffff; --line: #d5dae1;
  --main: #1d5fbf; --on-main: #ffffff; --warn: #9a4a00; --warn-paper: #fff3e2; --good: #1b5e3a; --good-paper: #e7f4ec;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6eaf0; --soft: #a2adbb; --paper: #12161c; --card: #1b212a; --line: #364150;
    --main: #7db1ff; --on-main: #0c1a2c; --warn: #ffc078; --warn-paper: #33240f; --good: #8fd8ae; --good-paper: #14291d;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header { padding: 1.25rem 1.25rem 0; max-width: 46rem; margin: 0 auto; font-weight: 650; letter-spacing: 0.01em; }
.mark { color: var(--main); }
main { max-width: 46rem; margin: 1rem auto; padding: 0 1.25rem; outline: none; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem; margin: 0 0 1rem; }
h1 { font-size: 1.45rem; line-height: 1.25; margin: 0 0 0.5rem; }
h2 { font-size: 1.05rem; margin: 0 0 0.5rem; }
p { margin: 0 0 0.75rem; }
.soft { color: var(--soft); }
label { display: block; font-weight: 600; margin: 0 0 0.75rem; }
input { display: block; width: 100%; max-width: 24rem; margin-top: 0.25rem; padding: 0.55rem 0.7rem; font: inherit; font-weight: 400;
  color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 7px; }
.one { white-space: nowrap; }
.buttons + p { margin: 0.75rem 0 0; }
.buttons { display: flex; flex-wrap: wrap; gap: 0.6rem; margin: 0.25rem 0 0; }
button { font: inherit; font-weight: 600; padding: 0.55rem 1rem; border-radius: 7px; cursor: pointer;
  border: 1px solid var(--main); background: transparent; color: var(--main); }
button.first { background: var(--main); color: var(--on-main); }
button.small { padding: 0.2rem 0.6rem; font-size: 0.9rem; }
button:disabled { opacity: 0.55; cursor: progress; }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px; }
.code { font: 700 2rem/1.2 ui-monospace, monospace; letter-spacing: 0.12em; margin: 0.5rem 0; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1rem; margin: 0 0 0.75rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
ul { list-style: none; margin: 0; padding: 0; }
li { display: flex; gap: 1rem; justify-content: space-between; align-items: center; padding: 0.6rem 0; border-top: 1px solid var(--line); }
li > div { min-width: 0; overflow-wrap: anywhere; }
#status { position: sticky; bottom: 0; max-width: 46rem; margin: 0 auto; padding: 0 1.25rem; }
#status > p { border: 1px solid currentColor; border-radius: 8px; padding: 0.7rem 0.9rem; }
#status > .bad { color: var(--warn); background: var(--warn-paper); }
#status > .good { color: var(--good); background: var(--good-paper); }
@media (max-width: 30rem) {
  li { flex-direction: column; align-items: stretch; gap: 0.4rem; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 0.4rem; }
  .buttons > button { flex: 1 1 100%; }
}
`;
