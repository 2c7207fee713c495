import { SpillwayClient, type SendResult, type SpillwayClientOptions } from '../../clients/typescript/client.ts'

export interface FleetOptions {
  readonly url: string
  readonly devices: number
  /** Readings of each device, and as many lines of diagnostics. */
  readonly readings: number
  /** The device that catches fire. */
  readonly burning: number
  readonly client?: Partial<SpillwayClientOptions>
}

/** How many events ended how, of each kind. */
export type FleetReport = Record<'alarm' | 'telemetry' | 'diagnostics', Partial<Record<SendResult['status'], number>>>

/**
 * A fleet of devices, each with a client of its own. All of them send readings (normal) and diagnostics (low); one
 * raises an alarm (critical). While the service is overloaded the alarm gets in, and the others have to wait.
 */
export async function runFleet (
  { url, devices, readings, burning, client: options = {} }: FleetOptions
): Promise<FleetReport> {
  const report: FleetReport = { alarm: {}, telemetry: {}, diagnostics: {} }
  const note = async (kind: keyof FleetReport, sending: Promise<SendResult>) => {
    const { status } = await sending
    report[kind][status] = (report[kind][status] ?? 0) + 1
  }

  await Promise.all(Array.from({ length: devices }, async (_, device) => {
    const client = new SpillwayClient({ url, ...options })
    const deviceId = `device-${device}`
    const sent: Promise<void>[] = []
    for (let reading = 0; reading < readings; reading++) {
      sent
        .push(note(
          'telemetry',
          client.send({
            type: 'telemetry-data',
            priority: 5,
            payload: { deviceId, reading, celsius: 20 + reading / 10 }
          })
        ))
      sent
        .push(note(
          'diagnostics',
          client.send({ type: 'diagnostics', priority: 9, payload: { deviceId, reading, freeBytes: 1_048_576 } })
        ))
    }
    // It comes last, and goes first.
    if (device === burning)
      sent
        .push(note('alarm', client.send({ type: 'critical-alarm', priority: 1, payload: { deviceId, celsius: 480 } })))
    await Promise.all(sent)
    await client.close()
  }))
  return report
}
