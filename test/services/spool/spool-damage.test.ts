import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Batch } from '../../../services/queue/batch.ts'
import { BLOCK_BYTES } from '../../../services/spool/spool-entry.ts'
import { batchOf, drained, filesIn, startSpool } from './setup.ts'

const DAMAGES = 200

/** The same damages in every run. */
function seeded (state: number): (below: number) => number {
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor(state / 2 ** 32 * below)
  }
}

t.test('a damaged byte costs the batch it is in and no other, and the opening says which', async (t) => {
  const random = seeded(20_260_301)
  const { spool, dir } = await startSpool(t)
  const batches: Batch[] = []
  for (let index = 0; index < 12; index++) {
    const count = 1 + index % 4
    const keys = index % 3 === 0 ? Array.from({ length: count }, (_, event) => `key ${index}-${event}`) : undefined
    batches.push(batchOf(count, 1 + index % 2, 'é'.repeat(index * 20), keys))
    await spool.write(batches.at(-1) as Batch)
  }
  const names = filesIn(dir)
  const places = new Set<string>()
  for (let damage = 0; damage < DAMAGES; damage++) {
    const name = names[random(names.length)] as string
    const whole = readFileSync(join(dir, name))
    const offset = random(whole.length)
    const broken = Buffer.from(whole)
    broken[offset] = (whole[offset] as number) ^ (1 + random(255))
    writeFileSync(join(dir, name), broken)
    places.add(`${name} ${offset}`)
    const hurt = batches.find(({ id }) => name.includes(id)) as Batch

    const { spool: opened, lines } = await startSpool(t, { dir })
    const kept = await Promise.all([...opened.entries()].map((entry) => opened.read(entry)))
    assert.deepEqual(
      byId(kept as Batch[]),
      byId(batches.filter((batch) => batch !== hurt)),
      `byte ${offset} of ${name}`
    )
    assert.deepEqual(
      lines.map(({ level, event, file, batch, priority, events, reason }) => ({
        level,
        event,
        file,
        batch,
        priority,
        events,
        reason
      })),
      [
        {
          level: 50,
          event: 'spool-damaged',
          file: name,
          batch: hurt.id,
          priority: hurt.priority,
          events: hurt.events.length,
          reason: 'checksum'
        }
      ]
    )
    assert.equal(opened.totals.damaged, hurt.events.length)
    assert.equal(hurt.keys?.some((key) => opened.remembered(key as string) !== undefined) ?? false, false)
    assert.ok(readFileSync(join(dir, 'damaged', name)).equals(broken), 'it is kept as it was')
    rmSync(join(dir, 'damaged', name))
    writeFileSync(join(dir, name), whole)
  }
  t.ok(places.size > DAMAGES * 0.9, 'the damages were not one and the same')
})

function byId (batches: readonly Batch[]): Batch[] {
  return batches.toSorted((a, b) => a.id < b.id ? -1 : 1)
}

t.test('a file that is cut short, goes on too long, is empty or holds another batch is damaged', async (t) => {
  const { spool, dir } = await startSpool(t)
  const [other, ...hurt] = [batchOf(1), batchOf(1), batchOf(1), batchOf(1), batchOf(1)] as [Batch, ...Batch[]]
  for (const batch of [other, ...hurt]) await spool.write(batch)
  const pathOf = (batch: Batch) => join(dir, filesIn(dir).find((name) => name.includes(batch.id)) as string)
  truncateSync(pathOf(hurt[0] as Batch), 200)
  appendFileSync(pathOf(hurt[1] as Batch), '\n')
  truncateSync(pathOf(hurt[2] as Batch), 0)
  writeFileSync(pathOf(hurt[3] as Batch), readFileSync(pathOf(other)))
  const { spool: opened, lines } = await startSpool(t, { dir })
  t.strictSame(
    new Set(lines.map(({ batch, reason }) => `${String(batch)} ${String(reason)}`)),
    new Set([
      `${hurt[0]?.id} checksum`,
      `${hurt[1]?.id} checksum`,
      `${hurt[2]?.id} checksum`,
      `${hurt[3]?.id} it contains another batch than its name says`
    ])
  )
  t.strictSame(await drained(opened), [other])
})

t.test('a file that becomes damaged while the spool is open is told when its turn comes', async (t) => {
  const { spool, dir, lines } = await startSpool(t)
  const [hurt, other] = [batchOf(2), batchOf(1)]
  await spool.write(hurt)
  await spool.write(other)
  const [name] = filesIn(dir).filter((file) => file.includes(hurt.id)) as [string]
  truncateSync(join(dir, name), 10)
  t.strictSame(await drained(spool), [other])
  t.match(lines, [{ event: 'spool-damaged', file: name, batch: hurt.id, priority: 1, events: 2 }])
  t.equal(spool.bytes, BLOCK_BYTES, 'it still takes of the disk')
})

t.test('a file with a name of no batch is told and set aside; folders and hidden files are left alone', async (t) => {
  const { spool, dir } = await startSpool(t)
  const batch = batchOf(1)
  await spool.write(batch)
  const [name] = filesIn(dir) as [string]
  const strange = ['notes.txt', name.replace('01.', '02.'), name.replace('.1-1-', '.1-1_'), name.slice(0, -1)]
  for (const file of strange) writeFileSync(join(dir, file), 'x')
  writeFileSync(join(dir, '.hidden'), 'x')
  mkdirSync(join(dir, 'folder'))
  const { spool: opened, lines } = await startSpool(t, { dir })
  t.strictSame(
    lines.map(({ event, file }) => `${String(event)} ${String(file)}`).toSorted(),
    strange.map((file) => `spool-damaged ${file}`).toSorted()
  )
  t.strictSame(filesIn(dir), ['.hidden', name])
  t.strictSame(filesIn(join(dir, 'damaged')), strange.toSorted())
  t.strictSame(await drained(opened), [batch])
})
