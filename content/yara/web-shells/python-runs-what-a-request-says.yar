rule python_runs_what_a_request_says
{
    meta:
        id = "4cdbdc06-970a-45c8-9344-f09f7ba91d6b"
        title = "Web shell in Python"
        description = "A Python program that answers web requests hands a part of the request to a shell or to eval. It may be a page of its own below cgi-bin, or a few lines that somebody added to an application."
        severity = "critical"
        techniques = "T1505.003, T1059.006"
        false_positives = "Training applications that are vulnerable on purpose"
        author = "Vedette"
    strings:
        $direct = /\b(os\.(system|popen)|subprocess\.(getoutput|getstatusoutput|check_output|Popen|run|call)|eval|exec)\s{0,4}\(\s{0,8}[^\n)]{0,40}\b(request\.(args|form|values|json|data|headers|cookies|GET|POST|query_params)|(form|fs|params|fields)\.(getvalue|getfirst)\s{0,4}\()/
        $form = "cgi.FieldStorage"
        $query = "QUERY_STRING"
        $run = /\b(os\.(system|popen)|subprocess\.(getoutput|getstatusoutput|check_output|Popen))\s{0,4}\(/
        $answer = /print\s{0,4}\(?\s{0,4}['"]Content-[Tt]ype/
    condition:
        filesize < 200KB and ($direct or (($form or $query) and $run and $answer))
}
