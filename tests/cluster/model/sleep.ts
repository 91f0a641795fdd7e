// Stands in for node:timers/promises in the simulated processes.

export { sleep as setTimeout } from './timers.ts'
