// The function app on Flex Consumption: one plan, one app, its settings (core/settings.py; a test compares).
param appName string
param location string
param tags object
param identityId string
param identityClientId string
param storageName string
param containerName string
param insightsConnection string
param workspaceId string
param ownVaultUri string
param companyVaultUri string
param subnetId string
param alwaysReadyHttp int
param httpConcurrency int
param maximumInstances int
param instanceMemory int
param appClientId string
param jwtIssuer string
param jwtAudience string
param jwksUrl string
param jwtAlgorithms string
param frontEndOrigins string
param publicUrl string
param notificationsUrl string
param graphUrl string
param severaUrl string
param allowedNetworks string
param hasEarlierKeys bool

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName
}

// What the platform reads. FUNCTIONS_WORKER_RUNTIME and its like are refused on Flex Consumption (facts/microsoft.md J2).
var platformSettings = {
  AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
  AzureWebJobsStorage__credential: 'managedidentity'
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  // The exporters ask and tell nobody but Application Insights (docs/decisions/0012-observability.md).
  APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL: 'true'
  APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED: 'true'
  APPLICATIONINSIGHTS_SDKSTATS_DISABLED: 'true'
}

var ownSettings = {
  AzureWebJobsStorage__tableServiceUri: storage.properties.primaryEndpoints.table
  AzureWebJobsStorage__queueServiceUri: storage.properties.primaryEndpoints.queue
  AzureWebJobsStorage__clientId: identityClientId
  SYNC_MASTER_KEY: '@Microsoft.KeyVault(SecretUri=${ownVaultUri}secrets/sync-master-key)'
  SYNC_APP_CLIENT_ID: appClientId
  SYNC_APP_IDENTITY: identityClientId
  SYNC_LOGIN_URL: environment().authentication.loginEndpoint
  SYNC_GRAPH_URL: graphUrl
  SYNC_SEVERA_URL: severaUrl
  SYNC_JWT_ISSUER: jwtIssuer
  SYNC_JWT_AUDIENCE: jwtAudience
  SYNC_JWKS_URL: jwksUrl
  SYNC_JWT_ALGORITHMS: jwtAlgorithms
  SYNC_FRONT_END_ORIGINS: frontEndOrigins
  SYNC_PUBLIC_URL: empty(publicUrl) ? 'https://${appName}.azurewebsites.net' : publicUrl
  SYNC_NOTIFICATIONS_URL: notificationsUrl
  SYNC_KEY_VAULT_URL: companyVaultUri
  SYNC_KEY_VAULT_IDENTITY: identityClientId
  SYNC_ALLOWED_NETWORKS: allowedNetworks
  // No secret: without a token, Application Insights takes nothing (monitoring.bicep).
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnection
}

// A reference to a secret that is not there would be taken for the secret itself.
var earlierKeys = hasEarlierKeys ? {
  SYNC_EARLIER_KEYS: '@Microsoft.KeyVault(SecretUri=${ownVaultUri}secrets/sync-earlier-keys)'
} : {}

var alwaysReady = {
  name: 'http'
  instanceCount: alwaysReadyHttp
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  // checkov:skip=CKV_AZURE_225:a region may have no zones; Flex Consumption places instances by itself
  name: '${appName}-plan'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  // checkov:skip=CKV_AZURE_17:callers prove themselves by bearer tokens; Graph has no client certificate to show
  // checkov:skip=CKV_AZURE_222:browsers and Microsoft Graph call it from anywhere
  // checkov:skip=CKV_AZURE_212:Flex Consumption counts instances by itself; always-ready ones are set below
  // checkov:skip=CKV_AZURE_213:Flex Consumption has no health check of the platform (facts/microsoft.md J2)
  name: appName
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientCertEnabled: false
    publicNetworkAccess: 'Enabled'
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${containerName}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: '3.13'
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstances
        instanceMemoryMB: instanceMemory
        alwaysReady: alwaysReadyHttp > 0 ? [
          alwaysReady
        ] : []
        triggers: {
          http: {
            perInstanceConcurrency: httpConcurrency
          }
        }
      }
    }
    siteConfig: {
      ftpsState: 'Disabled'
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      remoteDebuggingEnabled: false
    }
  }
}

resource settings 'Microsoft.Web/sites/config@2024-04-01' = {
  // These are rules for the configuration "web"; this one is "appsettings".
  // checkov:skip=CKV_AZURE_13:callers prove themselves to the service, by Severa's tokens
  // checkov:skip=CKV_AZURE_63:not of this configuration
  // checkov:skip=CKV_AZURE_65:not of this configuration
  // checkov:skip=CKV_AZURE_66:not of this configuration
  // checkov:skip=CKV_AZURE_80:not of this configuration
  // checkov:skip=CKV_AZURE_88:not of this configuration
  // checkov:skip=CKV_AZURE_222:not of this configuration
  parent: app
  name: 'appsettings'
  properties: union(platformSettings, ownSettings, earlierKeys)
}

// Deployments prove themselves by Entra, never by a password.
resource noPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

resource noFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource hostLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: app
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'FunctionAppLogs'
        enabled: true
      }
    ]
  }
}

output hostName string = app.properties.defaultHostName
