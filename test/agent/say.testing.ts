// Asks an agent one thing, as a command does, and prints the answer or the refusal as JSON.

import process from 'node:process';
import { AgentError, agentClient, type Requests } from '#agent';

const [socket = '', name = '', takes = '{}'] = process.argv.slice(2);
const client = agentClient({
  socket,
  caller: { pid: process.pid, sshConnection: process.env.SSH_CONNECTION || null },
});

function isName(text: string): text is keyof Requests {
  return text !== '';
}

try {
  const answer = isName(name) ? await client.ask(name, JSON.parse(takes)) : null;
  process.stdout.write(JSON.stringify({ refused: null, answer }));
} catch (error) {
  if (!(error instanceof AgentError)) throw error;
  process.stdout.write(JSON.stringify({ refused: { code: error.code, message: error.message }, answer: null }));
}
