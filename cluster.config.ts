// The operator's file: which settings this installation runs with. It is the only reader of the environment.
// Variables of the environment win over those of a `.env` file beside this one. docs/configuration.md lists them all.

import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { defineCluster, notSettings } from './src/config.ts'

const envFile = new URL('.env', import.meta.url)

/** Reads `.env` (if there is one) and the environment. @throws BadSetting with a sentence that names the variable */
export function loadCluster() {
  const fromFile = existsSync(envFile) ? parseEnv(readFileSync(envFile, 'utf8')) : {}
  const given = Object.fromEntries(Object.entries(process.env).filter(([, text]) => text !== undefined && text !== ''))
  return {
    ...defineCluster({ environment: { ...fromFile, ...given } }),
    // A typing mistake in the file; the environment is full of variables that are somebody else's.
    strangeNames: notSettings(Object.keys(fromFile)),
    // Started by `npm start`: then the node ends when npm does, however that came about.
    followsParent: process.env['npm_lifecycle_event'] !== undefined,
  }
}
