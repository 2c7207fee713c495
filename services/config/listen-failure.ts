import type { Endpoint } from './endpoints.ts'
import { StartFault } from './start-fault.ts'

/** Returns an error that says why a process cannot listen, and how to mend it; an unknown error as it is. */
export function listenFailure (error: NodeJS.ErrnoException, endpoint: Endpoint): Error {
  const { code } = error
  const message = messageOf(code, endpoint)
  return code === undefined || message === undefined ? error : new StartFault(code, message, { cause: error })
}

function messageOf (code: string | undefined, { host, port, hostKey, portKey }: Endpoint): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} of ${host} is in use by another process; stop that process, or set ${portKey} to a free port`
    case 'EACCES':
      return `this user may not listen on port ${port}; set ${portKey} to a port from 1024 on`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine; set ${hostKey} to one of its addresses`
    default:
      return undefined
  }
}
