"""What the knowledge's REST takes and gives, under ``/api/faq``.

Reading, searching and drafting is for every agent; what changes what customers are told
(publishing, importing, archiving) is for supervisors and admins.

    GET    ""                      ListAnswer      ?q=&category=&status=&language=&lacking=&offset=&limit=
    POST   ""                      EntryOut        EntryIn
    GET    /{id}                   EntryDetail
    PUT    /{id}                   EntryOut        EntryChange
    DELETE /{id}                   EntryOut        archived; its history stays
    POST   /{id}/publish           EntryOut        the newest version goes live
    POST   /{id}/revert            EntryOut        RevertRequest
    POST   /search                 SearchAnswer    SearchRequest
    POST   /import                 ImportStatus    multipart `file`; ?dry_run=false&mode=all&publish=true
    POST   /import/site            ImportStatus    SiteImport; ask for its status
    GET    /import/{id}            ImportStatus    progress, to ask again while it runs
    GET    /export                 a file          ?format=csv|xlsx|yaml|json|zip
    GET    /template               a file          ?format=csv|xlsx|yaml|json&language=zh|en
    GET    /unanswered             UnansweredAnswer ?days=&limit=
    POST   /unanswered/entry       EntryOut        ClusterEntry
    POST   /unanswered/dismiss     204             DismissRequest
    GET    /cases                  CasesAnswer     the regression set
    POST   /cases                  CaseOut         CaseIn
    DELETE /cases/{id}             204
    POST   /check                  CheckAnswer     CheckRequest
    GET    /synonyms               SynonymsAnswer  words that mean the same
    POST   /synonyms               SynonymsOut     SynonymsIn
    PUT    /synonyms/{id}          SynonymsOut     SynonymsIn
    DELETE /synonyms/{id}          204
    GET    /lint                   LintAnswer      duplicates, contradictions, stale, near misses
"""
