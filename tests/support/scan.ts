// Where somebody who was forgotten is still written: the look through every table that `npm run demo` takes too.

export { findAnywhere } from '../../scripts/demo/scan.ts'
