import { runFleet } from './fleet.ts'

const [url = 'http://127.0.0.1:3000', devices = '100'] = process.argv.slice(2)

// A device does not wait for long: what it measured a minute ago nobody needs.
const report = await runFleet({
  url,
  devices: Number(devices),
  readings: 50,
  burning: 7,
  client: { patienceMs: 10_000 }
})
for (const [kind, ends] of Object.entries(report))
  process.stdout
    .write(`${kind.padEnd(12)} ${Object.entries(ends).map(([status, events]) => `${events} ${status}`).join(', ')}\n`)
