import type { Child } from '../../rig/process/child.ts'
import { announcedUrl } from '../../rig/process/started.ts'
import type { Running } from './subject.ts'

/** Waits until all programs of a subject have announced where they listen. The server gets the load. */
export async function whenStarted (
  children: Readonly<Record<string, Child>> & { readonly server: Child }
): Promise<Running> {
  const stop = async () => {
    await Promise.all(Object.values(children).map((child) => child.stop()))
  }
  try {
    const ports = await Promise
      .all(Object.entries(children).map(async (
        [role, child]
      ) => [role, Number(new URL(await announcedUrl(child)).port)]))
    return {
      ports: Object.fromEntries(ports),
      pids: Object.fromEntries(Object.entries(children).map(([role, { pid }]) => [role, pid])),
      stop
    }
  } catch (error) {
    await stop()
    throw error
  }
}
