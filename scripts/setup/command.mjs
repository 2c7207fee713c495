import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A failure with a message that says what to do. */
export class SetupError extends Error {}

/** Prints to standard error, so that the output of the next program can be piped. */
export function say (text) {
  process.stderr.write(`setup: ${text}\n`)
}

/** Whether a program of this name is on the PATH. */
export function isOnPath (name) {
  return (process.env.PATH ?? '').split(delimiter).filter(Boolean).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Runs a command and returns whether it succeeded. Its output goes to standard error. */
export function run (command, args, options = {}) {
  return spawnSync(command, args, { stdio: ['ignore', 2, 2], ...options }).status === 0
}

/** Runs a command and returns its output; undefined if it failed. */
export function outputOf (command, args, options = {}) {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    ...options
  })
  return status === 0 ? stdout.trim() : undefined
}

/** Our environment without project packages on the PATH: npm must not run on a Node.js that it is about to replace. */
export function outsideEnvironment () {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) =>
    !/node_modules[\\/]\.bin[\\/]?$/.test(folder)
  )
  return { ...process.env, PATH: folders.join(delimiter) }
}
