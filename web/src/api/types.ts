import type { paths as App } from './app';
import type { paths as Control } from './control';

/** What a call of the API answers when it succeeds. */
type Answer<Responses> = Responses extends {
  [status in 200]: { content: { 'application/json': infer T } };
}
  ? T
  : never;
type Got<P extends keyof App> = App[P] extends { get: { responses: infer R } } ? Answer<R> : never;

/** The product's nouns, taken from the calls that answer them: names inside the documents may change. */
export type Ticket = Got<'/api/v1/tickets/{ticket}'>;
export type Status = Ticket['status'];
export type Priority = Ticket['priority'];
export type Party = Ticket['requester'];
/** A ticket to be opened. */
export type OpenTicket = Sent<App['/api/v1/tickets']['post']>;
export type TicketPage = Got<'/api/v1/tickets'>;
export type MessagePage = Got<'/api/v1/tickets/{ticket}/messages'>;
export type Message = MessagePage['data'][number];
export type HistoryEntry = Got<'/api/v1/tickets/{ticket}/history'>['data'][number];
export type SlaExplanation = Got<'/api/v1/tickets/{ticket}/sla'>;
export type Hit = Got<'/api/v1/search'>['data'][number];
export type Agent = Got<'/api/v1/agents'>['data'][number];
export type Customer = Got<'/api/v1/customers'>['data'][number];
export type Availability = Got<'/api/v1/agents/{agent}/availability'>;
export type SetAvailability = Sent<App['/api/v1/agents/{agent}/availability']['patch']>;
/** What a list of tickets can be narrowed by, without what says which part of it is read. */
export type TicketQuery = Omit<
  NonNullable<App['/api/v1/tickets']['get']['parameters']['query']>,
  'limit' | 'cursor' | 'count' | 'sort'
>;
export type Views = Got<'/api/v1/views'>;
export type BuiltInView = Views['built_in'][number];
export type SavedView = Views['data'][number];
export type ViewChange = Sent<App['/api/v1/views/{view}']['patch']>;
export type ViewCounts = Got<'/api/v1/views/counts'>;
export type BulkJob = Got<'/api/v1/bulk/{job}'>;
export type BulkChange = Sent<App['/api/v1/tickets/bulk']['post']>;
export type CannedReply = Got<'/api/v1/canned-replies/{reply}'>;
export type Macro = Got<'/api/v1/macros/{macro}'>;
export type SaveMacro = Sent<App['/api/v1/macros']['post']>;
export type Doing = Macro['actions'][number];
/** What a canned reply or a macro would say and do to a ticket. */
export type Filled = Answer<App['/api/v1/macros/{macro}/preview']['post']['responses']>;
export type Effect = Filled['effects'][number];
export type Team = Got<'/api/v1/teams/{team}'>;
export type SaveTeam = Sent<App['/api/v1/teams']['post']>;
export type Category = Got<'/api/v1/categories/{category}'>;
export type SaveCategory = Sent<App['/api/v1/categories']['post']>;
export type CustomField = Got<'/api/v1/custom-fields/{field}'>;
export type SaveField = Sent<App['/api/v1/custom-fields']['post']>;
export type Article = Got<'/api/v1/articles/{article}'>;
export type ListedArticle = Got<'/api/v1/articles'>['data'][number];
export type ArticleSection = Got<'/api/v1/articles/sections/{section}'>;
export type SuggestedArticle = Got<'/api/v1/articles/suggestions'>['data'][number];
export type SaveArticle = Sent<App['/api/v1/articles']['post']>;
export type SaveSection = Sent<App['/api/v1/articles/sections']['post']>;
export type TicketSettings = Got<'/api/v1/ticket-settings'>;
export type SlaPolicy = Got<'/api/v1/sla/policies/{id}'>;
export type SavePolicy = Sent<App['/api/v1/sla/policies']['post']>;
export type SlaCalendar = Got<'/api/v1/sla/calendars'>['data'][number];
export type SaveCalendar = Sent<App['/api/v1/sla/calendars']['post']>;
export type TicketLink = Got<'/api/v1/tickets/{ticket}/links'>['data'][number];
export type Import = Got<'/api/v1/imports/{import}'>;
export type BeginImport = Sent<App['/api/v1/imports']['post']>;
export type ChangeImport = Sent<App['/api/v1/imports/{import}']['patch']>;
export type LineProblem = Got<'/api/v1/imports/{import}/errors'>['data'][number];
export type Drafts = Got<'/api/v1/tickets/{ticket}/draft'>;
/** What reports count. */
export type Overview = Got<'/api/v1/reports/overview'>;
export type Report = Got<'/api/v1/reports/sla'>;
export type ReportGroup = Report['groups'][number];
export type ReportPeriod = Report['period'];
export type Figures = Report['totals'];
export type GroupBy = Report['group_by'];
export type TicketCounted = Got<'/api/v1/reports/tickets'>['data'][number];
export type Figure = TicketCounted['figure'];
/** How a resolution was rated. */
export type CsatGiven = NonNullable<Got<'/api/v1/tickets/{ticket}/csat'>['answer']>;
export type CsatAnswer = Got<'/api/v1/csat'>['data'][number];
export type CsatQuestion = Answer<App['/api/v1/csat/question']['post']['responses']>;
/** A share of a file, a file that was shared with whoever asks, and that somebody had to do with one. */
export type FileShare = Got<'/api/v1/attachments/{attachment}/shares'>['data'][number];
export type SharedFile = Got<'/api/v1/attachments/shared'>['data'][number];
export type FileAccess = Got<'/api/v1/attachments/{attachment}/accesses'>['data'][number];
export type Notice = Got<'/api/v1/notifications'>['data'][number];

/** An opened session. */
export type LoggedIn = Answer<Control['/api/v1/auth/refresh']['post']['responses']>;
/** What every way in answers: a session, or what is missing for one. */
export type LoginAnswer = Answer<Control['/api/v1/auth/login']['post']['responses']>;
/** The second factors that somebody has. */
export type Factors = Extract<LoginAnswer, { methods: unknown }>['methods'];
export type SessionUser = LoggedIn['user'];
export type Role = SessionUser['role'];
/** What the control plane answers to a reading call. */
type Told<P extends keyof Control> = Control[P] extends { get: { responses: infer R } }
  ? Answer<R>
  : never;
export type Me = Told<'/api/v1/auth/me'>;
export type MemberPage = Told<'/api/v1/members'>;
export type Member = MemberPage['data'][number] & { two_factor?: boolean };
export type InvitationPage = Told<'/api/v1/invitations'>;
export type Invitation = InvitationPage['data'][number];
export type TenantSettings = Told<'/api/v1/tenant'>;
export type TenantDeletion = Told<'/api/v1/tenant/deletion'>;
export type TenantStatus = Answer<
  Control['/api/v1/tenants/{slug}/status']['get']['responses']
>['status'];
export type Methods = Told<'/api/v1/auth/methods'>;
export type SecondFactor = Told<'/api/v1/auth/2fa'>;
export type Passkey = Told<'/api/v1/auth/passkeys'>['data'][number];
export type OwnSession = Told<'/api/v1/auth/sessions'>['data'][number];
export type ApiKey = Told<'/api/v1/api-keys'>['data'][number];
export type IdentityProvider = Told<'/api/v1/tenant/identity-provider'>;
export type SupportAccess = Told<'/api/v1/tenant/support-access'>['data'][number];
/** What the organisation's plan allows, and what is used of it. */
export type Usage = Told<'/api/v1/tenant/usage'>;
export type Plan = Usage['plan'];
export type Invoice = Told<'/api/v1/tenant/invoices/{id}'>;
export type InvoiceLine = NonNullable<Invoice['lines']>[number];
export type Export = Told<'/api/v1/tenant/exports'>['data'][number];
export type AuditEntry = Told<'/api/v1/audit-logs'>['data'][number];

/** Somebody who runs the platform, and how they come in. */
export type Operator = Told<'/api/v1/operator/me'>;
export type OperatorNext = Answer<Control['/api/v1/operator/auth/login']['post']['responses']>;
export type OperatorLogin = Answer<
  Control['/api/v1/operator/auth/2fa/verify']['post']['responses']
>;
/** A tenant as it stands in the platform's books. */
export type Tenant = Told<'/api/v1/operator/tenants/{slug}'>;
/** Long work of the platform. */
export type Job = Told<'/api/v1/operator/jobs/{id}'>;
export type PlatformEntry = Told<'/api/v1/operator/audit-logs'>['data'][number];
/** A server that holds tenants' databases. */
export type Cluster = Told<'/api/v1/operator/clusters/{name}'>;
/** A run that brings databases to the release's schema, and one database of it. */
export type Migration = Told<'/api/v1/operator/migrations/{id}'>;
export type MigrationTarget = Told<'/api/v1/operator/migrations/{id}/tenants'>['data'][number];
export type Backup = Told<'/api/v1/operator/backups'>['data'][number];
export type WithoutBackup = NonNullable<Told<'/api/v1/operator/backups'>['without']>[number];
export type Drill = Told<'/api/v1/operator/drills'>['data'][number];
export type CreditEntry = Told<'/api/v1/operator/tenants/{slug}/credits'>['data'][number];

/** What a changing call of the control plane is told. */
type Sent<Call> = Call extends { requestBody: { content: { 'application/json': infer T } } }
  ? T
  : never;
export type ChangeCluster = Sent<Control['/api/v1/operator/clusters/{name}']['patch']>;
export type StartMigration = Sent<Control['/api/v1/operator/migrations']['post']>;
export type PutPlan = Sent<Control['/api/v1/operator/plans/{code}']['put']>;
export type EnterCredit = Sent<Control['/api/v1/operator/tenants/{slug}/credits']['post']>;
