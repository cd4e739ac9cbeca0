#!/bin/sh
# The application registration in Microsoft Entra, by the Azure CLI (docs/azure.md). Each step may be repeated.
#
#   register-app.sh app NAME PUBLIC_URL            makes or updates the registration; prints its client id
#   register-app.sh trust CLIENT_ID PRINCIPAL_ID   lets the service's managed identity speak for it: no secret at all
#
# PUBLIC_URL: https:// and host, as in SYNC_PUBLIC_URL. PRINCIPAL_ID: the deployment's output identityPrincipalId.
# Needs `az login` into the tenant that the managed identity belongs to, as an Application Administrator.
set -eu

graph=00000003-0000-0000-c000-000000000000

usage() {
    sed -n 's/^#   //p' "$0" >&2
    exit 2
}

# The id of a permission, by its name: what Graph itself says.
role() { az ad sp show --id "$graph" --query "appRoles[?value=='$1'].id | [0]" --output tsv; }
scope() { az ad sp show --id "$graph" --query "oauth2PermissionScopes[?value=='$1'].id | [0]" --output tsv; }

# Application permissions, which work for every mailbox of a company that consents:
#   Calendars.ReadWrite  events are read, written and deleted, and subscribed to; nothing less can write
#   User.Read.All        finds a mailbox by its secondary addresses too (proxyAddresses); User.ReadBasic.All has none
# Delegated ones, for the sign-in that proves who consents (docs/consent.md); they give no access to any data:
#   openid, profile      the ID token with the tenant and the roles of the one who signs in
# Not asked for: Mail, Contacts, MailboxSettings, Directory, offline_access.
permissions() {
    calendars=$(role Calendars.ReadWrite)
    users=$(role User.Read.All)
    openid=$(scope openid)
    profile=$(scope profile)
    for id in "$calendars" "$users" "$openid" "$profile"; do
        [ -n "$id" ] || { echo "Graph does not name one of the permissions: is this az logged in?" >&2; exit 1; }
    done
    printf '[{"resourceAppId":"%s","resourceAccess":[' "$graph"
    printf '{"id":"%s","type":"Role"},{"id":"%s","type":"Role"},' "$calendars" "$users"
    printf '{"id":"%s","type":"Scope"},{"id":"%s","type":"Scope"}]}]' "$openid" "$profile"
}

app() {
    name=$1
    address=${2%/}
    case $address in https://*) ;; *) echo "PUBLIC_URL must begin with https://" >&2; exit 2 ;; esac
    wanted=$(permissions)
    client=$(az ad app list --filter "displayName eq '$name'" --query "[0].appId" --output tsv)
    if [ -z "$client" ]; then
        client=$(az ad app create --display-name "$name" --sign-in-audience AzureADMultipleOrgs \
            --query appId --output tsv)
        az ad sp create --id "$client" --output none
    fi
    # groupMembershipClaims: without it ID tokens name no roles, and nobody is let through.
    az ad app update --id "$client" --sign-in-audience AzureADMultipleOrgs \
        --web-redirect-uris "$address/api/consent/callback" \
        --enable-id-token-issuance false --enable-access-token-issuance false \
        --required-resource-accesses "$wanted" --set groupMembershipClaims=DirectoryRole --output none
    echo "$client"
}

trust() {
    client=$1
    principal=$2
    tenant=$(az account show --query tenantId --output tsv)
    login=$(az cloud show --query endpoints.activeDirectory --output tsv)
    known=$(az ad app federated-credential list --id "$client" --query "[?subject=='$principal'].id | [0]" --output tsv)
    [ -z "$known" ] || { echo "The registration trusts this identity already."; return; }
    az ad app federated-credential create --id "$client" --output none --parameters "$(
        printf '{"name":"identity-%s","issuer":"%s/%s/v2.0","subject":"%s","audiences":["api://AzureADTokenExchange"]}' \
            "$principal" "${login%/}" "$tenant" "$principal"
    )"
    echo "The registration trusts the identity now."
}

[ $# = 3 ] || usage
case $1 in
app) app "$2" "$3" ;;
trust) trust "$2" "$3" ;;
*) usage ;;
esac
