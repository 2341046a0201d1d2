rule script_that_collects_credentials
{
    meta:
        id = "cf151df1-4c75-4a2d-9895-2266d21813f5"
        title = "Script that collects keys and passwords"
        description = "A script goes through the places where keys, tokens and passwords of people and programs lie, and has a way to send them off. Whatever it could read must be replaced."
        severity = "high"
        techniques = "T1552.001, T1552.004, T1555"
        false_positives = "Backup and migration scripts, auditors' tools"
        author = "Vedette"
    strings:
        $c1 = /\.aws\/(credentials|config)/
        $c2 = /\.ssh\/(id_(rsa|dsa|ecdsa|ed25519)|authorized_keys|\*)/
        $c3 = ".kube/config"
        $c4 = ".docker/config.json"
        $c5 = ".git-credentials"
        $c6 = ".netrc"
        $c7 = /\.config\/gcloud|application_default_credentials/
        $c8 = "/etc/shadow"
        $c9 = /wallet\.dat|\.bitcoin\/|\.ethereum\/keystore|\.config\/solana/
        $c10 = /logins\.json|key4\.db|Login Data|Cookies\.sqlite/ nocase
        $c11 = /\.pgpass|\.my\.cnf/
        $c12 = /\.npmrc|\.pypirc/
        $c13 = /\.azure\/|\.terraform\.d\/credentials/
        $c14 = "169.254.169.254"
        $c15 = /(\.bash|\.zsh|\.mysql|\.psql|\.python)_history/
        $c16 = "serviceaccount/token"
        $send1 = /\bcurl\b[^\n]{0,120}(-F|--form|-d|--data(-binary)?|-T|--upload-file|-X\s{0,4}POST)\b/
        $send2 = /requests\.(post|put)\s{0,4}\(|urlopen\s{0,4}\(|http\.client/
        $send3 = /\b(nc|ncat|netcat|socat)\b[^\n]{0,60}\d{1,5}/
        $send4 = /fetch\s{0,4}\(\s{0,4}['"`]https?:|https?\.request\s{0,4}\(|axios\.post/
        $send5 = /wget\b[^\n]{0,80}--post-(file|data)/
        $send6 = /api\.telegram\.org|discord(app)?\.com\/api\/webhooks|transfer\.sh|webhook\.site/
    condition:
        filesize < 300KB and uint32(0) != 0x464c457f and 5 of ($c*) and any of ($send*)
}
