/** Names of fields by what they tell, the more telling first; as `plainName` writes them. */
export const fieldNames: Record<
  'user' | 'session' | 'client' | 'address' | 'host' | 'process' | 'thread' | 'worker' | 'request' | 'token',
  readonly string[]
> = {
  user: list(
    'userid useruid uid user username usersub useremail sub subject accountid account accountname email',
    'customerid customer tenantid tenant tenantname memberid member principal actorid actor shop',
    'shopdomain orgid org organizationid organisation workspaceid workspace teamid team merchantid',
    'realmid login owner remoteuser key credentialkey credential tokenflightkey profile organisation',
    'organization portal portalid mailbox site merchant project listener player',
  ),
  session: list(
    'connectionid connection connid conn integrationid grantid grant sessionid session sid deviceid device family',
    'familyid installationid installation',
  ),
  client: list(
    'clientid client oauthclient appid application app appname provider providerid issuer integration service',
  ),
  address: list(
    'remoteaddr remoteip clientip ip ipaddress remoteaddress sourceip xforwardedfor cip',
    'downstreamremoteaddress',
  ),
  host: list(
    'hostname host pod podname kubernetespodname machine node instance instanceid server dyno',
    'containername containerid program replica',
  ),
  process: list('pid processid processpid ospid'),
  thread: list('threadid thread threadname tid'),
  worker: list('workerid worker job jobid tab tabid page'),
  request: list('requestid reqid traceid correlationid xrequestid spanid cid rid'),
  token: list('refreshtoken refreshtokenid refreshtokenhash rthash rtfp tokenhash tokenfingerprint fingerprint rtid'),
}

function list(...lines: string[]): string[] {
  return lines.flatMap((line) => line.split(' '))
}
