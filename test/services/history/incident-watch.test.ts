import t from 'tap'
import { IncidentWatch, type Incident, type Moment } from '../../../services/history/incident-watch.ts'

const worker = (id: string) => ({ id, hostname: 'host', pid: 7, concurrency: 20, startedAt: '', handlers: ['delivery'], holds: [] })
const CALM: Moment = { circuitState: 'CLOSED', isDepthKnown: true, depth: 1_200, mode: 'true', isPaused: false, resets: undefined, workers: [worker('a')] }

t.test('tells what has changed, in a sentence', async (t) => {
  const table: [change: Partial<Moment>, incidents: Partial<Incident>[]][] = [
    [{}, []],
    [{ depth: 50 }, []],
    [{ circuitState: 'OPEN' }, [{ kind: 'circuit', from: 'CLOSED', to: 'OPEN', depth: 1_200, text: 'The circuit went from CLOSED to OPEN at 1,200 events.' }]],
    [{ isDepthKnown: false }, [{ kind: 'queue-lost', depth: 1_200 }]],
    [{ mode: 'observe' }, [{ kind: 'mode', from: 'true', to: 'observe' }]],
    [{ isPaused: true }, [{ kind: 'paused', depth: 1_200 }]],
    [{ resets: '1' }, [{ kind: 'reset' }]],
    [{ workers: [worker('a'), worker('b')] }, [{ kind: 'workers', from: '1', to: '2', text: '1 worker joined (host 7); 2 now.' }]],
    [{ workers: [] }, [{ kind: 'workers', from: '1', to: '0', text: '1 worker left (host 7); 0 now.' }]],
    [{ workers: [worker('b')] }, [{ kind: 'workers', from: '1', to: '1', text: '1 worker joined (host 7), 1 worker left (host 7); 1 now.' }]],
    [{ workers: ['a', 'b', 'c', 'd', 'e'].map(worker) }, [{ kind: 'workers', text: '4 workers joined (host 7, host 7, host 7 and more); 5 now.' }]],
    [{ mode: 'false', circuitState: 'OPEN' }, [{ kind: 'mode' }, { kind: 'circuit' }]]
  ]
  for (const [change, incidents] of table) {
    const watch = new IncidentWatch()
    t.strictSame(watch.observe(CALM, 1_000), [], 'the first moment is no news')
    const told = watch.observe({ ...CALM, ...change }, 2_000)
    t.match(told, incidents.map((incident) => ({ time: 2_000, text: /^[\dA-Z].*\.$/, ...incident })), JSON.stringify(change))
    t.equal(told.length, incidents.length)
    t.strictSame(watch.observe({ ...CALM, ...change }, 3_000), [], 'it is told once')
  }
})

t.test('what ends is told as well', async (t) => {
  const watch = new IncidentWatch()
  watch.observe({ ...CALM, isPaused: true, isDepthKnown: false, depth: 1 }, 0)
  t.match(watch.observe({ ...CALM, depth: 1 }, 1), [{ kind: 'queue-found', text: 'The queue can be read again; it holds 1 event.' }, { kind: 'resumed' }])
})

t.test('workers that announce themselves again after the queue was away have not left', async (t) => {
  const watch = new IncidentWatch()
  watch.observe(CALM, 0)
  watch.observe({ ...CALM, isDepthKnown: false, workers: [] }, 10_000)
  t.strictSame(watch.observe({ ...CALM, workers: [] }, 20_000).map(({ kind }) => kind), ['queue-found'])
  t.strictSame(watch.observe(CALM, 21_000), [])
  t.strictSame(watch.observe(CALM, 30_000), [])
  t.strictSame(watch.observe({ ...CALM, workers: [] }, 30_100).map(({ kind }) => kind), ['workers'])
})
