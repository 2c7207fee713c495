/*
 * Loaded into a process by --import: records in the file SYNC_JOURNAL each file and folder that the process has synced,
 * before the process learns of it. So an observer knows what a power cut would leave. Changes nothing else.
 */
import { appendFileSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

const journal = process.env.SYNC_JOURNAL ?? ''
const probe = await open(process.execPath)
const prototype = Object.getPrototypeOf(probe) as Pick<FileHandle, 'sync'>
await probe.close()
const { sync } = prototype

prototype.sync = async function (this: FileHandle) {
  const { ino, isFolder } = await this.stat().then((stat) => ({ ino: stat.ino, isFolder: stat.isDirectory() }))
  const synced = isFolder ? filesIn(readlinkSync(`/proc/self/fd/${this.fd}`)) : { inode: ino }
  await sync.call(this)
  appendFileSync(journal, `${JSON.stringify(synced)}\n`)
}

/** Returns a folder with its files at this moment. */
function filesIn (folder: string): { folder: string, files: Record<string, number> } {
  const files = readdirSync(folder).flatMap((name): [string, number][] => {
    const inode = statSync(join(folder, name), { throwIfNoEntry: false })?.ino
    return inode === undefined ? [] : [[name, inode]]
  })
  return { folder, files: Object.fromEntries(files) }
}
