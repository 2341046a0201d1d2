rule asp_runs_commands
{
    meta:
        id = "a345cb0f-d852-4c21-9be0-debb4ebfc4cb"
        title = "Web shell in ASP"
        description = "An ASP or ASP.NET page runs code or programs by what the request says. On Linux such files stand on shares, in uploads, or below Mono."
        severity = "critical"
        techniques = "T1505.003, T1059"
        false_positives = "None known in pages that are served to others"
        author = "Vedette"
    strings:
        $page = /<%@\s{0,8}(Page|WebHandler|WebService|Language)/ nocase
        $asp = "<%"
        $classic = /\b(eval|execute|executeglobal)\s{0,4}\(?\s{0,4}request\s{0,4}(\.\s{0,4}(item|form|querystring)\s{0,4})?[\(\[]/ nocase
        $script = /<script\s[^>\n]{0,80}runat\s{0,4}=\s{0,4}["']?server/ nocase
        $start = /\b(Process\s{0,4}\.\s{0,4}Start|new\s{1,4}ProcessStartInfo|WScript\.Shell|Assembly\s{0,4}\.\s{0,4}Load)\b/
        $request = /\bRequest\s{0,4}(\.\s{0,4}(Form|QueryString|Headers|Item|Params|BinaryRead)|\[)/ nocase
    condition:
        filesize < 500KB and (($asp and $classic) or (($page or $script) and $start and $request))
}
