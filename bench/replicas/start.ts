import { startReadyServer, type SpawnedServer } from '../../rig/spawned-server.ts'
import type { Owner } from '../../rig/owner.ts'

/** Starts API processes on one Redis, ready to take events. */
export async function startReplicas (
  owner: Owner, count: number, env: Readonly<Record<string, string>>
): Promise<SpawnedServer[]> {
  const replicas: SpawnedServer[] = []
  for (let replica = 0; replica < count; replica++) {
    replicas.push(await startReadyServer(owner, { ...env, ROLE: 'api' }))
  }
  return replicas
}

export function portOf ({ url }: SpawnedServer): number {
  return Number(new URL(url).port)
}
