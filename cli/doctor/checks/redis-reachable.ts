import { redisRemedy } from '../../../services/redis/redis-remedy.ts'
import { error, ok, warning, type Check } from '../finding.ts'

const check: Check = ({ redis, service, config }) => {
  if (redis.state === 'reached') return [ok(`Redis answers at ${redis.where}${redis.isEmbedded ? ', embedded' : ''}`)]
  if (redis.state === 'not-started') {
    if (service.state === 'reached') {
      return [warning(`no Redis runs on DATA_DIR=${config.DATA_DIR}, and yet ${service.url} is up: that one has another`, 'this environment is not that of the service, so nothing was said of its Redis', 'run spillway doctor with the REDIS_URL or the DATA_DIR of the service')]
    }
    if (redis.hasBinary) return [ok(`no Redis runs on DATA_DIR=${config.DATA_DIR} yet; the service starts one. What is said of Redis by other checks needs it to run`)]
    return [error('neither REDIS_URL nor a redis-server on the PATH', 'the service cannot start without a Redis', 'apt-get install redis-server, or set REDIS_URL')]
  }
  return [error(`Redis does not answer at ${redis.where}: ${redis.reason}`, 'without it only critical events are taken, on local disk, until that is full', redisRemedy(redis.reason))]
}

export default check
