import { redisRemedy } from '../../../services/redis/redis-remedy.ts'
import { error, ok, warning, type Check } from '../finding.ts'

const check: Check = ({ redis, service, config }) => {
  if (redis.state === 'reached') return [ok(`Redis answers at ${redis.where}${redis.isEmbedded ? ', embedded' : ''}`)]
  if (redis.state === 'not-started') {
    if (service.state === 'reached') {
      return [
        warning(
          `no Redis runs on DATA_DIR=${config.DATA_DIR}, but ${service.url} is up, so that service uses another Redis`,
          'this environment differs from that of the service, so doctor did not check its Redis',
          'run npx spillway doctor with the REDIS_URL or the DATA_DIR of the service'
        )
      ]
    }
    if (redis.hasBinary)
      return [
        ok(`no Redis runs on DATA_DIR=${config.DATA_DIR} yet; the service starts one. The other checks of Redis need it to run`)
      ]
    return [
      error(
        'REDIS_URL is not set and there is no redis-server on the PATH',
        'the service cannot start without a Redis',
        'apt-get install redis-server, or set REDIS_URL'
      )
    ]
  }
  if (redis.state === 'unusable') {
    return [
      error(redis.reason, 'the service does not start', 'correct that key or its file; no other check of Redis ran')
    ]
  }
  return [
    error(
      `Redis does not answer at ${redis.where}: ${redis.reason}`,
      'without it Spillway accepts only critical events, on local disk, until the spool is full',
      redisRemedy(redis.reason)
    )
  ]
}

export default check
