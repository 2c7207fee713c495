import { createHash } from 'node:crypto'

/** Returns a JSON array of readings of devices, each with an id and figures that do not repeat. */
export function readingsText (count: number): string {
  return `[${Array.from({ length: count }, (_, index) => {
    const digest = createHash('sha256').update(String(index)).digest()
    return JSON.stringify({
      type: 'telemetry-data', id: digest.toString('hex', 0, 16), occurredAt: new Date(1.7e12 + 7 * index).toISOString(),
      payload: {
        deviceId: `device-${digest.readUInt16BE(16) % 500}`, temperature: 15 + digest.readUInt16BE(18) / 4_096,
        humidity: digest.readUInt16BE(20) / 65_536, battery: digest.readUInt8(22) % 101, isCharging: digest.readUInt8(23) > 99
      }
    })
  }).join(',')}]`
}
