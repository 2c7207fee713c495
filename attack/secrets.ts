import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Violation } from './judge.ts'
import type { Target } from './target.ts'

/** Searches the page of metrics and the files of DATA_DIR for secrets. */
export async function secretsAtRest (
  { url, operator, dataDir, secrets }: Pick<Target, 'url' | 'operator' | 'dataDir' | 'secrets'>
): Promise<Violation[]> {
  const page = await fetch(`${url}/api/v1/metrics/prometheus`, { headers: { authorization: operator } })
  const texts = [['the page of metrics', await page.text()], ...await filesIn(dataDir)] as const
  return texts.flatMap(([place, text]) => secrets.some((secret) => text.includes(secret))
    ? [{ check: 'secret' as const, what: `${place} holds a secret` }]
    : [])
}

async function filesIn (folder: string): Promise<[place: string, text: string][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return await Promise.all(entries.filter((entry) => entry.isFile()).map(
    async ({ parentPath, name }): Promise<[string, string]> => [
      `the file ${name} of DATA_DIR`, await readFile(join(parentPath, name), 'latin1').catch(unlessGone)
    ]
  ))
}

/** The spool deletes files whose events are in the queue. */
function unlessGone (error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return ''
  throw error
}
