// Door of the controller: the process that holds domains, composed of all rooms of the control plane.
// In: one configuration. Out: an API, an agents' port, health. Never: a start with less than it had; a stop that loses what was acknowledged.

export { backUpController, checkController, receiveBackup, restoreController } from './backup.ts';
export { CONFIG_FILE, type Config, DATA_FOLDER } from './config.ts';
export { CONFIG_BYTES_MAX, type ReadConfig, readConfig } from './config-file.ts';
export { removeData } from './folder.ts';
export type { OwnJoin } from './own-join.ts';
export { controllerCodes, controllerPage } from './pages.ts';
export { type Recovered, recoverController } from './recover.ts';
export { type RunOptions, runController } from './run.ts';
export type { Running } from './running.ts';
export { type Controller, type ControllerOptions, startController } from './start.ts';
export { ControllerError } from './trouble.ts';
