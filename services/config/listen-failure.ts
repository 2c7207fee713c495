import type { Config } from './schema.ts'

/** Says why a process cannot listen, and how to mend it. */
export function listenFailure (
  { code, message }: NodeJS.ErrnoException,
  { ROLE, HOST, PORT, WORKER_PORT }: Pick<Config, 'ROLE' | 'HOST' | 'PORT' | 'WORKER_PORT'>
): string {
  const [key, port] = ROLE === 'worker' ? ['WORKER_PORT', WORKER_PORT] : ['PORT', PORT]
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} of ${HOST} is in use by another process; stop that process, or set ${key} to a free port`
    case 'EACCES':
      return `this user may not listen on port ${port}; set ${key} to a port from 1024 on`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${HOST} is not an address of this machine; set HOST to one of its addresses`
    default:
      return message
  }
}
