// Runs the projects of examples/ that this repository's trackers suffice for, each against a pipeline of its own.

import { spawnSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const SECONDS_MAX = 120;
const COMMANDS = {
  javascript: [process.execPath, '--test'],
  browser: [process.execPath, '--test'],
  python: [join(process.env.TRACKERS_HOME, 'venv/bin/python'), '-B', '-m', 'unittest'],
};

export const EXAMPLE_NAMES = Object.keys(COMMANDS);

/** Copies a project, gives it the installed trackers, and runs its own tests. */
export function runExample(name, folder, url) {
  const project = join(folder, `example-${name}`);
  cpSync(join(EXAMPLES, name), project, { recursive: true });
  symlinkSync(join(process.env.TRACKERS_HOME, 'node_modules'), join(project, 'node_modules'));
  const [program, ...args] = COMMANDS[name];
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: project, encoding: 'utf8', timeout: SECONDS_MAX * 1000, env: { ...process.env, WHITEOUT_URL: url } });
  return status === 0 ? [] : [`its tests ended with ${status}:\n${stdout}${stderr}`];
}
