// The views of the logon's page, as the browser runs them: elements made one by one, text only ever as text. A string here, since it runs in browsers without a build.

export const LOGIN_VIEWS = `// Makes elements of the logon's page. Nothing becomes HTML: every text is a text node.
export function make(name, { text, on, ...attributes } = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  if (on !== undefined) element.addEventListener(name === 'form' ? 'submit' : 'click', on);
  element.append(...children.filter((child) => child !== null));
  return element;
}

// A deed that runs once at a time, with its failure told.
export function button(text, deed, kind = '') {
  const element = make('button', { type: 'button', text, class: kind });
  element.addEventListener('click', async () => {
    element.disabled = true;
    try {
      say('');
      await deed();
    } catch (error) {
      tell(error);
    } finally {
      element.disabled = false;
    }
  });
  return element;
}

export function field(text, { value = '', ...attributes } = {}) {
  const input = make('input', { type: 'text', maxlength: '80', ...attributes });
  input.value = value;
  return { input, label: make('label', { text }, input) };
}

export function show(title, ...sections) {
  const main = document.getElementById('main');
  main.replaceChildren(...sections.filter((one) => one !== null));
  document.title = 'Picket: ' + title.toLowerCase();
  main.focus();
}

export function section(title, level, ...children) {
  return make('section', {}, make(level, { text: title }), ...children);
}

export function facts(pairs) {
  const list = make('dl');
  for (const [name, value] of pairs) list.append(make('dt', { text: name }), make('dd', { text: value }));
  return list;
}

export function when(time) {
  return time === null ? 'never' : new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

export function say(text, kind = 'good') {
  const status = document.getElementById('status');
  status.replaceChildren(...(text === '' ? [] : [make('p', { text, class: kind })]));
}

// What went wrong, in the words of the controller or of the browser's passkeys.
export function tell(error) {
  if (error.name === 'NotAllowedError') say('The passkey was not used: it was broken off, or took too long.', 'bad');
  else if (error.name === 'InvalidStateError') say('This device has a passkey of yours already.', 'bad');
  else if (error.problem !== undefined) {
    const { detail, hint, code } = error.problem;
    say(sentence(detail) + (hint === null ? '' : ' ' + sentence(hint)) + ' (' + code + ')', 'bad');
  } else say('That did not work: ' + error.message, 'bad');
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');
}
`;
