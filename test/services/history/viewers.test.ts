import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { Viewers } from '../../../services/history/viewers.ts'
import { eventually } from '../../../rig/eventually.ts'

const CHUNK = Buffer.alloc(512 * 1024, 'x')

/** A server whose every request is a viewer. */
async function startViewers (t: Test, viewers: Viewers, address = 'a') {
  const sinks: ServerResponse[] = []
  const server = createServer((_request, response) => {
    sinks.push(response)
    response.on('close', () => viewers.remove(response))
    response.writeHead(200).flushHeaders()
    viewers.add(response, address)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  const open = async () => {
    const before = viewers.count
    const call = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false })
    call.on('error', () => {})
    const [response] = await once(call, 'response') as [IncomingMessage]
    response.on('error', () => {})
    await eventually('the viewer is there', () => viewers.count === before + 1)
    return response
  }
  return { open, sinks }
}

t.test('who does not read is dropped, and nobody else', async (t) => {
  const viewers = new Viewers()
  const { open } = await startViewers(t, viewers)
  const [slow, quick] = [await open(), await open()]
  let read = 0
  quick.on('data', (chunk: Buffer) => { read += chunk.length })
  slow.pause()
  let sent = 0
  await eventually('the slow one is dropped', async () => {
    viewers.send(CHUNK)
    sent += CHUNK.length
    await eventually('the quick one has read it', () => read === sent)
    return viewers.count === 1
  })
  const closed = new Promise((resolve) => { slow.once('close', resolve) })
  slow.resume()
  await closed
  t.equal(slow.complete, false, 'its answer breaks off')
  viewers.send(CHUNK)
  await eventually('the quick one goes on', () => read === sent + CHUNK.length)
})

t.test('no more than so many, and none that has left', async (t) => {
  const viewers = new Viewers({ most: 2, reserved: 0 })
  const { open } = await startViewers(t, viewers)
  const first = await open()
  t.equal(viewers.canAdd('a'), true)
  await open()
  t.equal(viewers.canAdd('a'), false)
  first.destroy()
  await eventually('its place is free', () => viewers.canAdd('a'))
})

t.test('all streams end with the process, and no further one begins', async (t) => {
  const viewers = new Viewers()
  const { open } = await startViewers(t, viewers)
  const streams = [await open(), await open()]
  const ended = Promise.all(streams.map((stream) => once(stream.resume(), 'end')))
  viewers.close()
  await ended
  t.ok(streams.every(({ complete }) => complete), 'as a whole')
  t.equal(viewers.count, 0)
  t.equal(viewers.canAdd('a'), false)
})

t.test('a viewer that does not read holds up no end', async (t) => {
  const viewers = new Viewers()
  const { open, sinks } = await startViewers(t, viewers)
  const slow = (await open()).pause()
  const [sink] = sinks as [ServerResponse]
  await eventually('something has not left', () => {
    if (sink.writableLength === 0) viewers.send(CHUNK)
    return sink.writableLength > 0
  })
  const closed = new Promise((resolve) => { sink.once('close', resolve) })
  viewers.close()
  await closed
  t.equal(slow.complete, false)
})

t.test('a place that is left twice is left once', async (t) => {
  const viewers = new Viewers({ most: 1 })
  const sink = {} as ServerResponse
  viewers.add(sink, 'a')
  viewers.remove(sink)
  viewers.remove(sink)
  t.equal(viewers.count, 0)
})

t.test('the last streams go to addresses with few streams', (t) => {
  const viewers = new Viewers({ most: 6, reserved: 3, few: 2 })
  const add = (address: string) => {
    if (!viewers.canAdd(address)) return undefined
    const sink = {} as ServerResponse
    viewers.add(sink, address)
    return sink
  }
  const greedy = Array.from({ length: 6 }, () => add('greedy')).filter((sink) => sink !== undefined)
  t.equal(greedy.length, 3)
  t.ok(add('operator') && add('operator'))
  t.notOk(add('operator'), 'it has as many as one gets of the reserved ones')
  t.ok(add('another'))
  t.notOk(add('one more'), 'there is an end of them')
  for (const sink of greedy) viewers.remove(sink)
  t.ok(add('greedy'), 'what it left is free again')
  t.end()
})
