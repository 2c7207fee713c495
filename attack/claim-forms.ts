/* The forms in which a producer may post an event, each with claims about it. */

/** Claims about an event: its members, and header fields beside it. */
export interface Claims {
  readonly members?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

/** A request with one event. */
export interface ClaimedEvent {
  readonly form: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Returns the event in each form; the mark is its payload, by which its consumer knows it. */
export function inEachForm ({ members = {}, headers = {} }: Claims, mark: string, id: string): ClaimedEvent[] {
  const event = { type: 'claimed', payload: mark, ...members }
  const { payload: _, organizationId, ...rest } = event as Record<string, unknown>
  const attributes = {
    specversion: '1.0', id, source: '/claims', ...rest,
    ...organizationId !== undefined && { organizationid: organizationId }
  }
  const cloudEvent = JSON.stringify({ ...attributes, data: mark })
  const type = (name: string) => ({ 'content-type': name, ...headers })
  const binary = Object.fromEntries(Object.entries(attributes).map(([name, value]) =>
    [`ce-${name}`, typeof value === 'string' ? value : JSON.stringify(value)]
  ))
  const batch = '/api/v1/events/batch'
  return [
    { form: 'an event', path: '/api/v1/events', headers: type('application/json'), body: JSON.stringify(event) },
    { form: 'an array', path: batch, headers: type('application/json'), body: JSON.stringify([event, event]) },
    { form: 'NDJSON', path: batch, headers: type('application/x-ndjson'), body: `${JSON.stringify(event)}\n` },
    { form: 'a structured CloudEvent', path: '/api/v1/events', headers: type('application/cloudevents+json'), body: cloudEvent },
    { form: 'a batch of CloudEvents', path: batch, headers: type('application/cloudevents-batch+json'), body: `[${cloudEvent}]` },
    { form: 'a binary CloudEvent', path: '/api/v1/events', headers: { ...type('application/json'), ...binary }, body: JSON.stringify(mark) },
    {
      form: 'a reading', path: '/api/v1/datastreams', headers: type('application/json'),
      body: JSON.stringify({ deviceId: mark, values: { t: 1 }, ...members })
    }
  ]
}
