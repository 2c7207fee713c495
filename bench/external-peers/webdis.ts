/* webdis: Redis commands over HTTP, in C. It checks nothing and stores its input in a list. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../../rig/find-program.ts'
import { startChild } from '../../rig/process/child.ts'
import { freePort } from '../../rig/free-port.ts'
import { listening } from '../../rig/process/started.ts'
import type { ExternalPeer } from '../external-peer.ts'
import { eventTexts } from '../traffic/event.ts'

export default {
  requests: eventTexts().map((text) => ({
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'text/plain' },
    body: `LPUSH/events/${encodeURIComponent(text)}`
  })),
  subject: {
    needsRedis: true,
    hasWorker: false,
    obstacle: () =>
      findProgram('webdis') === undefined ? 'webdis is not installed; Debian has it in the package webdis' : undefined,
    start: async ({ folder, redis, core }) => {
      const port = await freePort()
      const file = join(folder, 'webdis.json')
      await writeFile(file, JSON.stringify({
        // The one Redis setting that it has for a unix socket.
        redis_host: redis?.path,
        redis_port: 0,
        http_host: '127.0.0.1',
        http_port: port,
        threads: 1,
        pool_size: 1,
        daemonize: false,
        websockets: false,
        verbosity: 0,
        logfile: join(folder, 'webdis.log')
      }))
      const server = startChild({ command: 'webdis', args: [file], core })
      await listening(port)
      return { ports: { server: port }, pids: { server: server.pid }, stop: server.stop }
    }
  }
} satisfies ExternalPeer
