import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../../rig/folder.ts'
import type { Owner } from '../../rig/owner.ts'

const ROOT = join(import.meta.dirname, '../..')
const LOCK = 'package-lock.json'

/**
 * Checks another revision of the project out, with the packages of its own lock file, and returns its folder, which is
 * removed with its owner.
 *
 * @throws Error if git does not know the revision
 */
export async function checkOut (owner: Owner, revision: string): Promise<string> {
  const folder = join(await makeFolder(owner), 'source')
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
  git('worktree', 'add', '--detach', folder, revision)
  owner.teardown(() => git('worktree', 'remove', '--force', folder))
  if (readFileSync(join(folder, LOCK), 'utf8') === readFileSync(join(ROOT, LOCK), 'utf8')) {
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  } else {
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  return folder
}
