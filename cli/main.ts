/** The entry of the `spillway` command: the only file that uses `process`. */
import { existsSync } from 'node:fs'
import { run } from './program.ts'
import type { StopReason } from './exit-code.ts'
import type { Output } from './session.ts'

const { version } = (await import('../package.json', { with: { type: 'json' } })).default

// The npm commands of the service read the file too. The environment takes precedence.
if (existsSync('.env')) process.loadEnvFile('.env')

const stopping = new AbortController()
const stop = (reason: StopReason) => {
  // A user who interrupts twice does not want to wait for an orderly end.
  if (stopping.signal.aborted) process.exit(1)
  stopping.abort(reason)
}
process.on('SIGINT', () => { stop('interrupted') })
process.on('SIGTERM', () => { stop('terminated') })
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    if (!stopping.signal.aborted) stop('brokenPipe')
  })
}

process.exitCode = await run(process.argv.slice(2), version, {
  env: process.env,
  stdin: process.stdin,
  out: output(process.stdout),
  err: output(process.stderr),
  signal: stopping.signal
})
// An open standard input would keep the process alive.
process.stdin.destroy()

function output (stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => stream.write(text),
    get isTTY () {
      return stream.isTTY === true
    },
    get columns () {
      return stream.columns || 80
    }
  }
}
